// This project runs on the offline model: no key, no cost, and no model is asked.
import { defineConfig } from 'daydream';

export default defineConfig({
  templatesRoot: 'templates',
  provider: 'offline',
});
