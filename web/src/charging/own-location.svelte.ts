import type { Position } from "./position.ts";

const timeout_ms = 15_000;
/** A fix of the last minute will do: nobody gets far. */
const fixAge_ms = 60_000;

/** The device's own position, asked once for each press of a button. */
class OwnLocation {
  isAsking: boolean = $state(false);
  problem: string | undefined = $state.raw(undefined);

  ask(take: (position: Position) => void): void {
    if (!isSecureContext || !("geolocation" in navigator)) {
      this.problem =
        "This browser gives no location to a page without https. Tap the map or fill in the fields.";
      return;
    }
    this.isAsking = true;
    this.problem = undefined;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.isAsking = false;
        take({ latitude: coords.latitude, longitude: coords.longitude });
      },
      (refusal) => {
        this.isAsking = false;
        this.problem = problemText(refusal.code);
      },
      { timeout: timeout_ms, maximumAge: fixAge_ms },
    );
  }
}

function problemText(code: number): string {
  const otherwise = "Tap the map or fill in the fields.";
  if (code === GeolocationPositionError.PERMISSION_DENIED)
    return `The location was refused; the browser's settings for this page can allow it. ${otherwise}`;
  if (code === GeolocationPositionError.TIMEOUT)
    return `No location after ${timeout_ms / 1000} s. ${otherwise}`;
  return `The device does not know where it is. ${otherwise}`;
}

export const ownLocation: OwnLocation = new OwnLocation();
