type Theme = "light" | "dark";

/** Light or dark: the visitor's choice if there is one, else the system's. */
class ThemeSwitch {
  current: Theme = $state("light");

  constructor() {
    const chosen = localStorage.getItem("voltfog.theme");
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    this.#apply(chosen === "dark" || chosen === "light" ? chosen : system);
  }

  toggle(): void {
    this.#apply(this.current === "dark" ? "light" : "dark");
    localStorage.setItem("voltfog.theme", this.current);
  }

  #apply(theme: Theme): void {
    this.current = theme;
    document.documentElement.dataset["theme"] = theme;
  }
}

export const themeSwitch: ThemeSwitch = new ThemeSwitch();
