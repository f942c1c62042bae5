import { useSignal } from "@preact/signals";
import { Age } from "../../parts/Age";
import { Icon } from "../../look/icons";
import { t } from "../../words/words";
import { store } from "../desk";
import { deadLetters } from "../picture";
import { Popover } from "./Popover";

/** How many messages could not be taken in; shown only while there are some, for nothing may vanish silently. */
export function DeadLetters() {
  const open = useSignal(false);
  const n = deadLetters.value;
  if (n === 0) return null;
  const letters = [...store.docs.deadletter.value.values()].filter((letter) => letter.state === "open");
  letters.sort((a, b) => b.at.localeCompare(a.at));
  return (
    <Popover
      open={open}
      class="dead"
      label={t(n === 1 ? "dead.one" : "dead.many", { n })}
      button={
        <>
          <Icon sign="warning" />
          <span class="figures">{n}</span>
        </>
      }
    >
      <p>{t("dead.what")}</p>
      <ul class="dead-list">
        {letters.slice(0, 8).map((letter) => (
          <li key={letter.id}>
            <code>{letter.code}</code> {letter.detail} <Age at={letter.at} />
          </li>
        ))}
      </ul>
    </Popover>
  );
}
