// This project runs on the offline model: no key, no cost, and no model is asked.
import { defineConfig } from 'daydream';

export default defineConfig({
  templatesRoot: 'templates',
  provider: 'offline',
  // What a model thinks in a <think> block before it answers goes into no prompt and no score.
  stages: {
    draft: { thoughts: 'apart' },
    essay: { thoughts: 'apart' },
    evaluation: { thoughts: 'apart' },
  },
});
