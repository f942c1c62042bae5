import { useState } from "preact/hooks";
import type { Incident } from "../../data/contract";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { t } from "../../words/words";
import { deciding } from "../work/decide";
import { close, REASONS } from "../work/incident";

/** Say why an incident is over: by one of four short cuts, or in words. */
export function CloseDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const [words, setWords] = useState("");
  const busy = deciding.value.has(`incident/${incident.id}`);
  const finish = async (reason: string) => {
    if (await close(incident, reason)) onClose();
  };
  return (
    <Dialog title={t("close.title", { reference: incident.reference })} onClose={onClose}>
      <div class="dialog-form">
        {incident.going > 0 ? <p class="dialog-warn">{t(incident.going === 1 ? "close.going-one" : "close.going", { n: incident.going })}</p> : null}
        <div class="shortcuts">
          {REASONS.map((reason, n) => (
            <Button key={reason} busy={busy} data-first={n === 0 ? "" : undefined} onClick={() => void finish(t(`close.${reason}`))}>
              {t(`close.${reason}`)}
            </Button>
          ))}
        </div>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void finish(words.trim());
          }}
        >
          <label>
            {t("close.words")}
            <textarea rows={3} maxLength={500} value={words} onInput={(event) => setWords(event.currentTarget.value)} />
          </label>
          <div class="dialog-acts">
            <Button onClick={onClose}>{t("cancel")}</Button>
            <Button tone="main" type="submit" label={t("incident.close.whole")} busy={busy} disabled={words.trim() === ""}>
              {t("incident.close")}
            </Button>
          </div>
        </form>
      </div>
    </Dialog>
  );
}
