"""What runs in a reader's browser, tested in headless Chromium without a network."""
