import { useRef, useState } from "preact/hooks";
import type { Report } from "../../data/contract";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { inert, Said } from "../../parts/Said";
import { language, t } from "../../words/words";
import { fullName } from "../places";
import { questionFor, TONGUES, tongueOf, type Tongue } from "../work/asking";
import { deciding } from "../work/decide";
import { askBack } from "../work/triage";

const LONGEST = 300;
/** One text message in the alphabet of phones; longer costs a second one. */
const PAGE = 160;

/** Name a ward with its sub-county, as people tell namesakes apart. */
function placeName(path: string): string {
  const [ward = path, above] = fullName(path).split(", ");
  return above ? `${ward} (${above})` : ward;
}

/** Ask whoever sent a report: a question in their language stands there to be changed. */
export function AskDialog({ report, onClose }: { report: Report; onClose: () => void }) {
  const [tongue, setTongue] = useState<Tongue>(() => tongueOf(report.text ?? "") ?? language.peek());
  const [question, setQuestion] = useState(() => questionFor(report, tongue, placeName));
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
        <div class="section-head">
          <h3>{t("ask-back.language")}</h3>
          <span class="hours" role="group" aria-label={t("ask-back.language")}>
            {TONGUES.map((each) => (
              <button
                key={each}
                type="button"
                class="hour"
                aria-pressed={each === tongue}
                onClick={() => {
                  setTongue(each);
                  setQuestion(questionFor(report, each, placeName));
                }}
              >
                {t(`tongue.${each}`)}
              </button>
            ))}
          </span>
        </div>
        <label>
          {t("ask-back.question", { to: inert(report.reporter_name ?? report.reporter ?? "") })}
          <textarea rows={4} lang={tongue} maxLength={LONGEST} value={question} data-first onInput={(event) => setQuestion(event.currentTarget.value)} />
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
