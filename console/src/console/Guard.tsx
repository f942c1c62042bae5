import { Component, type ComponentChildren } from "preact";
import { Button } from "../parts/Button";
import { t } from "../words/words";

/** What a part of the page shows that could not be drawn or fetched. */
export function Reload() {
  return (
    <div class="broken" role="alert">
      <p>{t("page.broken")}</p>
      <Button sign="again" onClick={() => location.reload()}>
        {t("page.reload")}
      </Button>
    </div>
  );
}

/** Keep a fault in one pane from taking the others away; another item, or another tab, is a new try. */
export class Guard extends Component<{ readonly of: string; readonly children: ComponentChildren }, { readonly broken: string | null }> {
  override state = { broken: null };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ broken: this.props.of });
  }

  override render() {
    return this.state.broken === this.props.of ? <Reload /> : this.props.children;
  }
}
