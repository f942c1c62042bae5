/** The map on demand: nothing of it is loaded before it is asked for. */
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Incident } from "../data/contract";
import type { Item, Placing } from "../data/items";
import { Icon } from "../look/icons";
import { theme } from "../look/theme";
import { t } from "../words/words";
import { phone } from "./desk";

export function MapButton({ incident }: { incident: Incident }) {
  const [shown, setShown] = useState(false);
  return (
    <>
      <button type="button" class="tile" onClick={() => setShown(true)}>
        <Icon sign="map" size="1.5rem" />
        {t("phone.map")}
      </button>
      {shown ? <MapView incident={incident} onClose={() => setShown(false)} /> : null}
    </>
  );
}

function MapView({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"loading" | "open" | "failed">("loading");
  useEffect(() => {
    dialog.current?.showModal();
    let gone = false;
    let close = () => {};
    const open = async () => {
      try {
        const { openMap } = await import("../map/map");
        if (gone || !frame.current) return;
        const item: Item = { kind: "incident", id: incident.id };
        const map = await openMap(frame.current, {
          store: phone.store,
          theme,
          selected: signal<Item | null>(item),
          placing: signal<Placing | null>(null),
          hovered: signal(null),
        });
        close = () => map.close();
        if (gone) return close();
        map.show(item);
        setState("open");
      } catch (error) {
        // No WebGL, or the map was never fetched and there is no network now.
        console.error(error);
        setState("failed");
      }
    };
    void open();
    return () => {
      gone = true;
      close();
    };
  }, []);
  return (
    <dialog class="map-view" ref={dialog} aria-label={t("phone.map")} onCancel={onClose}>
      <div class="map-frame" ref={frame} />
      {state === "open" ? null : (
        <p class="map-note" role="status">
          {t(state === "failed" ? "phone.map.failed" : "phone.map.loading")}
        </p>
      )}
      <button type="button" class="wide map-close" onClick={onClose}>
        {t("phone.map.close")}
      </button>
    </dialog>
  );
}
