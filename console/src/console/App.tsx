import { useEffect } from "preact/hooks";
import { Dialog } from "../parts/Dialog";
import { Icon } from "../look/icons";
import { t } from "../words/words";
import { Banner, useStanding } from "./bar/Banner";
import { doubtful } from "./bar/connection";
import { TopBar } from "./bar/TopBar";
import { expelled, pane, selected, session, wall } from "./desk";
import { Dialogs } from "./dialogs/Dialogs";
import { Drawer } from "./drawer/Drawer";
import { listen } from "./keys";
import { Lists } from "./lists/Lists";
import { map, MapPane } from "./MapPane";
import { SignIn, SignInForm } from "./SignIn";
import { Sizer } from "./Sizer";
import { Toasts } from "./Toasts";
import { WallChanges, WallFigures } from "./Wall";
import { murmur, shout } from "./watch";

/** The whole page: the sign-in, or the desk. */
export function App() {
  const standing = session.standing.value;
  if (standing === "in" || expelled.value) {
    return (
      <>
        <Desk />
        {expelled.value ? <SignInAgain /> : null}
      </>
    );
  }
  if (standing === "out") return <SignIn />;
  return (
    <main class="sign-in" aria-busy="true">
      <p>{t("page.opening")}</p>
    </main>
  );
}

/** Over the open desk: what was being typed stays as it was. */
function SignInAgain() {
  return (
    <Dialog title={t("expelled.title")} onClose={() => undefined} firm>
      <div class="dialog-form">
        <p>{t("expelled.what")}</p>
        <SignInForm />
      </div>
    </Dialog>
  );
}

function Desk() {
  useEffect(listen, []);
  const doubt = doubtful(useStanding().value);
  const walled = wall.value;
  // The wall shows the whole area, not what somebody looked at last.
  useEffect(() => {
    if (walled) afterLayout(() => map.peek()?.home());
  }, [walled]);
  const item = selected.value;
  // On a narrow screen the map had no size until it is turned to.
  const turned = pane.value === "map";
  useEffect(() => {
    if (turned && selected.peek() === null) afterLayout(() => map.peek()?.home());
  }, [turned]);
  return (
    <div class={`desk desk-${pane.value}${walled ? " desk-wall" : ""}${item ? " desk-open" : ""}`} data-doubt={doubt ? "" : undefined}>
      <a class="skip" href="#list-panel">
        {t("skip.lists")}
      </a>
      <TopBar />
      <Banner />
      <div class="panes">
        {walled ? (
          <WallFigures />
        ) : (
          <>
            <Lists />
            <Sizer name="lists" label={t("size.lists")} />
          </>
        )}
        <MapPane />
        {walled ? (
          <WallChanges />
        ) : item ? (
          <>
            <Sizer name="drawer" label={t("size.drawer")} />
            <Drawer />
          </>
        ) : null}
      </div>
      <nav class="pane-switch" aria-label={t("panes")}>
        {(["lists", "map"] as const).map((each) => (
          <button key={each} type="button" aria-pressed={pane.value === each} onClick={() => (pane.value = each)}>
            <Icon sign={each === "lists" ? "list" : "map"} /> {t(`pane.${each}`)}
          </button>
        ))}
      </nav>
      <Toasts />
      <Dialogs />
      <p class="unseen" aria-live="assertive">
        {shout.value}
      </p>
      <p class="unseen" aria-live="polite">
        {murmur.value}
      </p>
    </div>
  );
}

/** Run once the panes have their new sizes and the map has heard of its own. */
function afterLayout(run: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(run)));
}
