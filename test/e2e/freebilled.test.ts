// A model that is called free and billed all the same, through the command: what a cap lets pass, and what is said of it.
import { describe, expect, it, onTestFinished } from 'vitest';
import { CONFIG_FILE, makeKite, settingsFor } from '../support/kite.ts';
import { json, startServer, TEXT, whole } from '../support/providerreplies.ts';

const MODELS = 'id,model,input_price,output_price\nw1,lab/one:free,,\nw2,lab/two,1,1\nj1,lab/three,1,1\n';

describe('a `:free` model that is billed 0.004 a reply', () => {
  it('passes a cap by one call at most, which is said; what it was billed is set aside from then on', async () => {
    const server = await startServer((_body, response) =>
      json(response, whole({ content: TEXT }, 'stop', { usage: { cost: 0.004 } })),
    );
    onTestFinished(server.close);
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: settingsFor(server.url),
      'data/1_raw/llm_models.csv': MODELS,
    });
    const build = (cap: string) => kite.run(['build', 'stage:draft', '--max-cost', cap]);
    const first = await build('0.0035');
    expect([first.code, server.bodies.length]).toEqual([3, 1]);
    expect(first.stderr).toMatch(
      /warning DD685 .*lab\/one:free, which costs nothing by its prices here, was billed \$0\.0040/,
    );
    expect(first.stderr).toMatch(
      /3 generations left: the cap of \$0\.0035 is passed, since replies were billed more than their prices say: \$0\.0040; `--max-cost 0\.012\d*` would do for the rest/,
    );
    // Known now: none is sent that might pass the cap.
    const second = await build('0.0035');
    expect([second.code, server.bodies.length]).toEqual([3, 1]);
    expect(second.stderr).toContain('3 generations left: the next call might have passed the cap of $0.0035');
    expect([(await build('0.0085')).code, server.bodies.length]).toEqual([3, 3]);
    expect([(await build('0.0045')).code, server.bodies.length]).toEqual([0, 4]);
  });
});
