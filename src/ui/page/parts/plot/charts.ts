// What draws plots: of Observable Plot the marks that a screen draws, so that what no screen draws is in no bundle. Decides nothing.
export { dot, line, plot, rectY, ruleY, tickX } from '@observablehq/plot';
