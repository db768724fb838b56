// The page's beginning: once the token of the address was traded for a cookie, the screen that the address names.
import { render } from 'preact';
import { answered, early, session } from './early.ts';
import { followAddress } from './frame/route.ts';
import { followChanges } from './frame/live.ts';
import { begunBy, problemsIn, read } from './frame/source.ts';
import { plotLibrary, rehearsePlots } from './parts/plot/plot.tsx';
import { Problems } from './parts/problems.tsx';
import { Shell, type Screen } from './frame/shell.tsx';
import { DoctorScreen } from './screens/upkeep/doctor.tsx';
import { GenerationScreen } from './screens/generation.tsx';
import { GenerationsScreen } from './screens/generations.tsx';
import { JudgesScreen } from './screens/upkeep/judges.tsx';
import { MapScreen } from './screens/map.tsx';
import { MatrixScreen } from './screens/matrix.tsx';
import { NowScreen } from './screens/now.tsx';
import { PairsScreen } from './screens/pairs.tsx';
import { PlanScreen } from './screens/plan.tsx';
import { RateScreen } from './screens/reading/rate.tsx';
import { PlotsScreen } from './screens/plots.tsx';
import { ReadScreen } from './screens/reading/read.tsx';
import { RunPairScreen } from './screens/upkeep/runpair.tsx';
import { RunsScreen } from './screens/upkeep/runs.tsx';
import { TemplateScreen } from './screens/template.tsx';
import { TextsScreen } from './screens/reading/texts.tsx';

const SCREENS: readonly Screen[] = [
  { name: 'matrix', title: 'Matrix', key: 'm', view: MatrixScreen },
  { name: 'texts', title: 'Texts', key: 't', view: TextsScreen },
  { name: 'now', title: 'Now', key: 'n', view: NowScreen },
  { name: 'plan', title: 'Plan', key: 'p', view: PlanScreen },
  { name: 'template', title: 'Template', key: 'e', view: TemplateScreen },
  { name: 'map', title: 'Map', key: 'o', view: MapScreen },
  { name: 'rate', title: 'Rate', key: 'b', view: RateScreen },
  { name: 'generations', title: 'Generations', key: 'a', view: GenerationsScreen },
  { name: 'runs', title: 'Runs and cost', key: 'r', view: RunsScreen },
  { name: 'plots', title: 'Plots', key: 'l', view: PlotsScreen },
  { name: 'judges', title: 'Judges', key: 'j', view: JudgesScreen },
  { name: 'doctor', title: 'Doctor', key: 'd', view: DoctorScreen },
  { name: 'generation', title: 'Generation', view: GenerationScreen },
  { name: 'runpair', title: 'Two builds', view: RunPairScreen },
  { name: 'pairs', title: 'Compare', view: PairsScreen },
  { name: 'read', title: 'Read', view: ReadScreen },
];

const root = document.getElementById('app') ?? document.body;
root.replaceChildren();

async function begin(): Promise<void> {
  if (session !== undefined) await read(await session);
  followChanges();
  render(<Shell screens={SCREENS} />, root);
  await answered;
  requestIdleCallback(fetchRest);
}

/** Milliseconds after which what draws is gone through too: whoever opens a page looks at another screen at once, or at none for a while. */
const AFTERWARDS = 1000;

/** What a later screen would wait for; where it does not come now, that screen asks again. */
function fetchRest(): void {
  plotLibrary().catch(() => {});
  setTimeout(
    () => requestIdleCallback(() => void rehearsePlots().catch(() => {}), { timeout: AFTERWARDS }),
    AFTERWARDS,
  );
}

begunBy(early);
followAddress();
begin().catch((error: unknown) => render(<Problems problems={problemsIn(error)} />, root));
