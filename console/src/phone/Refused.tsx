/** What the server refused, in plain words; the code stands small, for whoever is called about it. */
import type { Said } from "../data/outbox";
import { t, type Key } from "../words/words";
import { phoneWords } from "../words/phone";
import { phone } from "./desk";

export function Refused({ said }: { said: Said }) {
  if (said.refused === null) return null;
  const { code, detail } = said.refused;
  const key = `phone.refused.${code}`;
  const what = key in phoneWords.en ? t(key as Key) : t("phone.refused.other", { detail });
  return (
    <div class="refused" role="alert">
      <p>
        <strong>{t("phone.refused", { what })}</strong>
      </p>
      <p class="small soft">{t("phone.refused.code", { code })}</p>
      <button type="button" class="wide" onClick={() => phone.dismiss(said.id)}>
        {t("phone.refused.ok")}
      </button>
    </div>
  );
}
