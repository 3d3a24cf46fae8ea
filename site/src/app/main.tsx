import { render } from "preact";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
render(<h1>도장</h1>, root);
