import { useRef, useState } from "preact/hooks";
import type { Report } from "../../data/contract";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Said } from "../../parts/Said";
import { t } from "../../words/words";
import { deciding } from "../work/decide";
import { askBack } from "../work/triage";

const LONGEST = 300;
/** One text message in the alphabet of phones; longer costs a second one. */
const PAGE = 160;

/** Ask whoever sent a report; the question that the server would ask stands there to be changed. */
export function AskDialog({ report, onClose }: { report: Report; onClose: () => void }) {
  const [question, setQuestion] = useState(report.question ?? t("ask-back.default"));
  const id = useRef(crypto.randomUUID());
  const busy = deciding.value.has(`report/${report.id}`);
  const send = async (event: Event) => {
    event.preventDefault();
    if (await askBack(report, question.trim(), id.current)) onClose();
  };
  return (
    <Dialog title={t("report.ask-back")} onClose={onClose}>
      <form class="dialog-form" onSubmit={(event) => void send(event)}>
        <blockquote class="quote">
          <Said text={report.text} />
        </blockquote>
        <label>
          {t("ask-back.question", { to: report.reporter_name ?? report.reporter ?? "" })}
          <textarea rows={4} maxLength={LONGEST} value={question} data-first onInput={(event) => setQuestion(event.currentTarget.value)} />
        </label>
        <p class="soft figures">{t(question.length > PAGE ? "ask-back.two" : "ask-back.left", { n: PAGE - question.length })}</p>
        <div class="dialog-acts">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button tone="main" type="submit" sign="send" busy={busy} disabled={question.trim() === ""}>
            {t("ask-back.send")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
