/** Somebody signed out without a network: their cookie is still to be thrown away, before anything else is asked. */
const LEAVING = "phone-leaving";

export function leaving(): boolean {
  try {
    return localStorage.getItem(LEAVING) !== null;
  } catch {
    return false;
  }
}

export function leave(on: boolean): void {
  try {
    if (on) localStorage.setItem(LEAVING, "1");
    else localStorage.removeItem(LEAVING);
  } catch {
    // A browser that keeps nothing forgets the cookie as well.
  }
}
