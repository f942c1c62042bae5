import { Dialog } from "../../parts/Dialog";
import { t } from "../../words/words";
import { SHEET } from "../sheet";

/** Every key of the console. */
export function KeysSheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t("keys")} onClose={onClose} wide>
      <div class="keys-sheet">
        {SHEET.map(({ title, keys }) => (
          <section key={title}>
            <h3>{t(title)}</h3>
            <dl>
              {keys.map(([key, words]) => (
                <div key={words}>
                  <dt>
                    {key.split(" ").map((each) => (
                      <kbd key={each}>{each}</kbd>
                    ))}
                  </dt>
                  <dd>{t(words)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
