import { render } from "preact";

import "../style/roles.css";
import "./table.css";
import "./phone.css";
import { Handset } from "./Handset.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
render(<Handset />, root);
