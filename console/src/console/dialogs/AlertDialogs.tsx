import { useState } from "preact/hooks";
import type { Alert } from "../../data/contract";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { t } from "../../words/words";
import { Texts } from "../drawer/AlertDrawer";
import { nameOf } from "../places";
import { approve, cancel, confirmWard, reject } from "../work/alert";
import { targets } from "../work/alerts";
import { deciding } from "../work/decide";

interface Props {
  readonly alert: Alert;
  readonly onClose: () => void;
}

/** Issue a draft, after it has been read as people will read it. */
export function ApproveDialog({ alert, onClose }: Props) {
  const busy = deciding.value.has(`alert/${alert.id}`);
  const wards = targets(alert).map(({ ward }) => nameOf(ward));
  const finish = async () => {
    if (await approve(alert)) onClose();
  };
  return (
    <Dialog title={t("alert.approve")} onClose={onClose} wide>
      <div class="dialog-form">
        <p>{t("approve.what", { wards: wards.join(", ") })}</p>
        <Texts alert={alert} />
        <div class="dialog-acts">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button tone="main" sign="check" busy={busy} onClick={() => void finish()}>
            {t("approve.do", { n: wards.length })}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

export function RejectDialog({ alert, onClose }: Props) {
  return <Reason alert={alert} title={t("alert.reject")} what={t("reject.what")} act={reject} onClose={onClose} tone="main" />;
}

export function CancelDialog({ alert, onClose }: Props) {
  return <Reason alert={alert} title={t("alert.cancel")} what={t("cancel-alert.what")} act={cancel} onClose={onClose} tone="danger" />;
}

function Reason(props: Props & { title: string; what: string; act: (alert: Alert, reason: string) => Promise<boolean>; tone: "main" | "danger" }) {
  const { alert, onClose, title, what, act, tone } = props;
  const [reason, setReason] = useState("");
  const busy = deciding.value.has(`alert/${alert.id}`);
  const finish = async (event: Event) => {
    event.preventDefault();
    if (await act(alert, reason.trim())) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="dialog-form" onSubmit={(event) => void finish(event)}>
        <p>{what}</p>
        <label>
          {t("reason")}
          <textarea rows={3} maxLength={500} value={reason} data-first onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        <div class="dialog-acts">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button tone={tone} type="submit" busy={busy} disabled={reason.trim() === ""}>
            {title}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const WAYS = ["baraza", "siren", "radio", "door", "phone"] as const;

/** Take down that somebody in a ward passed the warning on, and how. */
export function ConfirmDialog({ alert, ward, onClose }: Props & { readonly ward: string }) {
  const [how, setHow] = useState("");
  const busy = deciding.value.has(`alert/${alert.id}`);
  const finish = async (way: string) => {
    if (await confirmWard(alert, ward, way)) onClose();
  };
  return (
    <Dialog title={t("confirm.title", { ward: nameOf(ward) })} onClose={onClose}>
      <div class="dialog-form">
        <p>{t("confirm.what")}</p>
        <div class="shortcuts">
          {WAYS.map((way, n) => (
            <Button key={way} busy={busy} data-first={n === 0 ? "" : undefined} onClick={() => void finish(t(`confirm.${way}`))}>
              {t(`confirm.${way}`)}
            </Button>
          ))}
        </div>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void finish(how.trim());
          }}
        >
          <label>
            {t("confirm.how")}
            <input type="text" maxLength={200} value={how} onInput={(event) => setHow(event.currentTarget.value)} />
          </label>
          <div class="dialog-acts">
            <Button onClick={onClose}>{t("cancel")}</Button>
            <Button tone="main" type="submit" sign="check" busy={busy} disabled={how.trim() === ""}>
              {t("alert.confirm")}
            </Button>
          </div>
        </form>
      </div>
    </Dialog>
  );
}
