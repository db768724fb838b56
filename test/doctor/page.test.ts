// What doctor can find is what docs/doctor.md lists. test/long/findings.test.ts makes each defect.
import { expect, it } from 'vitest';
import { FINDINGS } from '../../src/doctor/kinds.ts';
import { doctorPage } from '../support/doctorpage.ts';

it('the page is what doctor knows', async () => {
  await expect(doctorPage(FINDINGS)).toMatchFileSnapshot('../../docs/doctor.md');
});
