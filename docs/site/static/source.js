// The pages of the code follow the choice of light or dark that the rest of the site keeps.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");

  function apply() {
    let mode = "auto";
    try {
      mode = localStorage.getItem("mode") || "auto";
    } catch {
      // no storage: the system's choice
    }
    const dark = mode === "dark" || (mode !== "light" && system.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  }

  apply();
  system.addEventListener("change", apply);
})();
