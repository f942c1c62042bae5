import type { ComponentChildren } from "preact";
import { Icon, type SignName } from "../../look/icons";
import { t } from "../../words/words";
import { store } from "../desk";

/** A list with nothing in it says whether that is good, or only not known yet. */
export function Nothing({ sign, title, more, children }: { sign: SignName; title: string; more?: string; children?: ComponentChildren }) {
  if (!store.ready.value) {
    return (
      <div class="nothing" aria-busy="true">
        <p>{t("list.loading")}</p>
      </div>
    );
  }
  return (
    <div class="nothing">
      <Icon sign={sign} size="2.5rem" />
      <p class="nothing-title">{title}</p>
      {more ? <p>{more}</p> : null}
      {children}
    </div>
  );
}
