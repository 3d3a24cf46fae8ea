import { render } from "preact";

import "../style/roles.css";
import "../style/frame.css";
import "../style/fields.css";
import "../style/cards.css";
import "../style/secrets.css";
import "../style/states.css";
import "../style/opening.css";
import { App } from "./App.tsx";
import { supported } from "./supported.ts";
import { bank } from "./state/bank.ts";
import { pending } from "./state/pending.ts";
import { settings } from "./state/settings.ts";
import { loadWords } from "./state/words.ts";
import { Unsupported } from "./Unsupported.tsx";
import { serveOffline } from "./serveOffline.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");

/** The screen is concealed while the app is not the one in front. */
document.addEventListener("visibilitychange", () => {
  document.documentElement.toggleAttribute("data-away", document.hidden);
});

let locale = settings.cell.get().locale;
settings.cell.watch(() => {
  if (settings.cell.get().locale === locale) return;
  locale = settings.cell.get().locale;
  void loadWords(locale);
});

await loadWords(locale);
const missing = await supported();
if (missing.length > 0) {
  render(<Unsupported missing={missing} />, root);
} else {
  void bank.load();
  await pending.load();
  render(<App />, root);
  serveOffline();
}
