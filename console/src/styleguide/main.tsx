import "../words/all";
import { render } from "preact";
import "../look/base.css";
import { dress } from "../look/theme";
import { t } from "../words/words";

dress();
render(<h1>{t("app.name")}</h1>, document.getElementById("root")!);
