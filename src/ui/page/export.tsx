// The page as a file on disk: the screens that scores and texts need no server for, answered from the data inside.
import { render } from 'preact';
import { followAddress } from './frame/route.ts';
import { Shell, type Screen } from './frame/shell.tsx';
import { answerFrom } from './frame/source.ts';
import { offlineDocuments } from './offline/documents.ts';
import { GenerationScreen } from './screens/generation.tsx';
import { MatrixScreen } from './screens/matrix.tsx';
import { PairsScreen } from './screens/pairs.tsx';
import { PlotsScreen } from './screens/plots.tsx';
import { ReadScreen } from './screens/reading/read.tsx';
import { TextsScreen } from './screens/reading/texts.tsx';
import { JudgesScreen } from './screens/upkeep/judges.tsx';
import { OriginScreen } from './screens/upkeep/origin.tsx';
import type { ExportData } from '../export/exportdata.ts';

const SCREENS: readonly Screen[] = [
  { name: 'matrix', title: 'Matrix', key: 'm', view: MatrixScreen },
  { name: 'texts', title: 'Texts', key: 't', view: TextsScreen },
  { name: 'plots', title: 'Plots', key: 'l', view: PlotsScreen },
  { name: 'judges', title: 'Statistics', key: 'j', view: JudgesScreen },
  { name: 'origin', title: 'Cost and origin', key: 'o', view: OriginScreen },
  { name: 'generation', title: 'Generation', view: GenerationScreen },
  { name: 'pairs', title: 'Compare', view: PairsScreen },
  { name: 'read', title: 'Read', view: ReadScreen },
];

const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as ExportData;
const root = document.getElementById('app') ?? document.body;
answerFrom(offlineDocuments(data));
followAddress();
root.replaceChildren();
render(<Shell screens={SCREENS} />, root);
