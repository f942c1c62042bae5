import { Button } from "../parts/Button";
import { clock } from "../parts/spans";
import { Icon } from "../look/icons";
import { t } from "../words/words";
import { notices, putAway } from "./work/notices";

/** What just happened and what can be done about it; read out by itself. */
export function Toasts() {
  return (
    <div class="toasts">
      <div role="status" aria-live="polite" class="toast-list">
        {notices.value.map((notice) => (
          <div key={notice.id} class={`toast toast-${notice.tone}`}>
            <Icon sign={notice.tone === "bad" ? "warning" : notice.tone === "good" ? "check" : "people"} size="1.5em" />
            <p>{notice.text}</p>
            {notice.acts.map((act) => (
              <Button
                key={act.label}
                shortcut={act.shortcut}
                onClick={() => {
                  putAway(notice.id);
                  act.run();
                }}
              >
                {act.label}
                {/* Counting is for eyes only: read out, it would never stop. */}
                {act.shortcut === "u" ? (
                  <span class="figures" aria-hidden="true">
                    {" "}
                    {clock(notice.until - Date.now())}
                  </span>
                ) : null}
              </Button>
            ))}
            <Button tone="quiet" sign="close" label={t("close")} onClick={() => putAway(notice.id)} />
          </div>
        ))}
      </div>
    </div>
  );
}
