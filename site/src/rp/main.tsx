import { render } from "preact";

import "../style/roles.css";
import "../style/frame.css";
import "../style/fields.css";
import "../style/cards.css";
import "../style/states.css";
import "../style/opening.css";
import "./rp.css";
import { settings } from "../app/state/settings.ts";
import { loadWords } from "../app/state/words.ts";
import { Rp } from "./Rp.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");

settings.cell.watch(() => void loadWords(settings.cell.get().locale));
await loadWords(settings.cell.get().locale);
render(<Rp />, root);
