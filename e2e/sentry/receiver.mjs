// Spotlight, a receiver of Sentry's protocol, on the port given.
import { setupSpotlight } from '@spotlightjs/spotlight';

await setupSpotlight({ port: Number(process.argv[2]), isStandalone: true });
