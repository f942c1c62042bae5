import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { OpenMap } from "../map/map";
import { theme } from "../look/theme";
import { t } from "../words/words";
import { Button } from "../parts/Button";
import { picking, stopPicking } from "./work/picking";
import { doubt } from "./work/placing";
import { areas, hovered, placing, selected, store } from "./desk";

/** The map once it is there. */
export const map = signal<OpenMap | null>(null);

/** The map between lists and drawer. It comes after everything else: the lists can be worked with before. */
export function MapPane() {
  const frame = useRef<HTMLDivElement>(null);
  const failed = useRef(signal(false)).current;
  useEffect(() => {
    let gone = false;
    const open = async () => {
      try {
        const { openMap } = await import("../map/map");
        if (gone || !frame.current) return;
        const opened = await openMap(frame.current, { store, theme, selected, placing, hovered, areas });
        if (gone) opened.close();
        else map.value = opened;
      } catch (error) {
        // Without WebGL there is no map; the lists, the drawer and everything in them go on.
        console.error(error);
        failed.value = true;
      }
    };
    void open();
    return () => {
      gone = true;
      map.peek()?.close();
      map.value = null;
    };
  }, []);
  return (
    <main class="map" id="map" aria-label={t("map.pane")}>
      <div class="map-frame" ref={frame} />
      {failed.value ? <p class="map-failed">{t("map.failed")}</p> : null}
      {picking.value && picking.value.found === null ? (
        <div class="placing" role="status">
          <p>{t("merge.picking", { reference: store.docs.incident.value.get(picking.value.of)?.reference ?? "" })}</p>
          <Button shortcut="Esc" onClick={stopPicking}>
            {t("cancel")}
          </Button>
        </div>
      ) : null}
      {placing.value ? (
        <div class={doubt.value ? "placing placing-doubt" : "placing"} role="status">
          {doubt.value ? (
            <p>{doubt.value.words}</p>
          ) : (
            <p>
              <strong>{t("place.where")}</strong> {hovered.value ? hovered.value.name : t("place.nowhere")}
            </p>
          )}
          {doubt.value?.act ? (
            <Button sign="pin" onClick={doubt.value.act.run}>
              {doubt.value.act.label}
            </Button>
          ) : null}
          <Button shortcut="Esc" onClick={cancelPlacing}>
            {t("cancel")}
          </Button>
        </div>
      ) : null}
    </main>
  );
}

/** What to call when placing is given up: set by whoever began it. */
export const giveUp = signal<(() => void) | null>(null);

export function cancelPlacing(): void {
  giveUp.peek()?.();
}
