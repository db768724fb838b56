// The renderer's fingerprint: raised by hand whenever the same template and values could give another text. Loads no engine.

export const RENDERER = 'nunjucks@3.2.4+jinja.1';
