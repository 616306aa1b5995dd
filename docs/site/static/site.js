// For those who use the keyboard or a screen reader: what can be scrolled can be reached, and what unfolds has a name.
(() => {
  const SCROLLED =
    ".bd-article pre, .pst-scrollable-table-container, div.math, mjx-container, .cell_output .output";

  function reach() {
    for (const box of document.querySelectorAll(SCROLLED)) {
      const cut = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
      if (cut) box.tabIndex = 0;
      else if (box.tabIndex === 0) box.removeAttribute("tabindex");
    }
  }

  function name() {
    for (const summary of document.querySelectorAll("summary")) {
      const entry = summary.closest("li")?.querySelector("a");
      if (!summary.textContent.trim()) summary.setAttribute("aria-label", `Pages below ${entry?.textContent ?? ""}`);
    }
  }

  // The rungs of the ladder: one at a time, or all beside one another.
  function compare() {
    for (const ladder of document.querySelectorAll(".ladder")) {
      const button = document.createElement("button");
      const label = () => (ladder.classList.contains("compare") ? "One at a time" : "Side by side");
      button.className = "compare-button";
      button.type = "button";
      button.textContent = label();
      button.addEventListener("click", () => {
        ladder.classList.toggle("compare");
        button.textContent = label();
      });
      ladder.before(button);
    }
  }

  addEventListener("DOMContentLoaded", () => {
    name();
    compare();
    reach();
  });
  addEventListener("load", () => {
    reach();
    window.MathJax?.startup?.promise?.then(reach);
  });
  addEventListener("resize", reach);
  addEventListener("click", () => setTimeout(reach, 100)); // a tab, a fold
})();
