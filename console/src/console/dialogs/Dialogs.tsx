import { store } from "../desk";
import { closeDialog, dialog } from "../work/dialogs";
import { AskDialog } from "./AskDialog";
import { ApproveDialog, CancelDialog, ConfirmDialog, RejectDialog } from "./AlertDialogs";
import { CloseDialog } from "./CloseDialog";
import { KeysSheet } from "./KeysSheet";
import { MergeDialog } from "./MergeDialog";
import { SplitDialog } from "./SplitDialog";

/** The dialog that is open, if one is. */
export function Dialogs() {
  const open = dialog.value;
  if (open === null) return null;
  if (open.kind === "keys") return <KeysSheet onClose={closeDialog} />;
  const { kind, about } = open;
  if (kind === "ask") {
    const report = store.docs.report.value.get(about.id);
    return report ? <AskDialog report={report} onClose={closeDialog} /> : null;
  }
  if (kind === "close" || kind === "merge" || kind === "split") {
    const incident = store.docs.incident.value.get(about.id);
    if (!incident) return null;
    const Shown = { close: CloseDialog, merge: MergeDialog, split: SplitDialog }[kind];
    return <Shown incident={incident} onClose={closeDialog} />;
  }
  const alert = store.docs.alert.value.get(about.id);
  if (!alert) return null;
  switch (kind) {
    case "approve":
      return <ApproveDialog alert={alert} onClose={closeDialog} />;
    case "reject":
      return <RejectDialog alert={alert} onClose={closeDialog} />;
    case "cancel":
      return <CancelDialog alert={alert} onClose={closeDialog} />;
    case "confirm":
      return <ConfirmDialog alert={alert} ward={open.ward ?? ""} onClose={closeDialog} />;
  }
}
