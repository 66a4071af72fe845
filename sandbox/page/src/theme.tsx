import { useEffect, useState, type ReactNode } from "react";
import { MoonIcon, SunIcon } from "./icons.tsx";

const storageKey = "medic-sandbox-theme";

/** Follows the system until the person switches; the choice is kept in this browser. */
export function ThemeSwitch(): ReactNode {
  const [chosen, setChosen] = useState<string | null>(() => localStorage.getItem(storageKey));
  const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const isDark = chosen === null ? systemIsDark : chosen === "dark";
  useEffect(() => {
    if (chosen === null) delete document.documentElement.dataset["theme"];
    else {
      document.documentElement.dataset["theme"] = chosen;
      localStorage.setItem(storageKey, chosen);
    }
  }, [chosen]);
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={isDark ? "Light colours" : "Dark colours"}
      title={isDark ? "Light colours" : "Dark colours"}
      data-testid="theme-switch"
      onClick={() => setChosen(isDark ? "light" : "dark")}
    >
      {isDark ? <SunIcon /> : <MoonIcon />}
    </button>
  );
}
