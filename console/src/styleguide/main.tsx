/** The style guide begins: every token and part of the pages, by day and by night beside each other. */
import "../trusted";
import { render } from "preact";
import "../look/elements.css";
import "../parts/parts.css";
import "../console/console.css";
import "./styleguide.css";
import "../words/all";
import { dress } from "../look/theme";
import { Guide } from "./Guide";

dress();
render(<Guide />, document.getElementById("root")!);
