/** The one phone of this page, for everything that is drawn. */
import { Phone } from "./phone";

export const phone = new Phone();
