// One generation: its texts, why it is as it is, what it is made from and into, what it scored and cost.
import { useState } from 'preact/hooks';
import { addressOf, amend, route } from '../frame/route.ts';
import { isOffline, useDocument } from '../frame/source.ts';
import { Head } from '../parts/head.tsx';
import { count, score, State, usd } from '../parts/numbers.tsx';
import { Problems } from '../parts/problems.tsx';
import { DiffView, TextView, useText } from '../parts/texts.tsx';
import { reasonText } from '../../../plan/reasonwords.ts';
import type { PastResponse } from '../../../api/reading/dossier.ts';
import type { GenerationReport, Relative, TextName } from '../../../api/view/generation.ts';

const FILES: readonly (readonly [TextName, string])[] = [
  ['parsed', 'text'],
  ['raw', 'as answered'],
  ['prompt', 'prompt'],
  ['metadata', 'metadata'],
];

export function GenerationScreen(): preact.JSX.Element {
  const id = route.value.words.get('id') ?? '';
  const { data, problems, busy } = useDocument<GenerationReport>('generation', { id });
  return (
    <section aria-busy={busy}>
      <h1>
        {data?.dossier.stage ?? ''} <span class="id">{id}</span>
      </h1>
      <Problems problems={problems} />
      {data === undefined || data.dossier.genId !== id ? undefined : (
        <div class="sheet">
          <div>
            <Chain data={data} />
            <Texts id={id} />
          </div>
          <aside aria-label="What is known of it">
            <Facts data={data} />
            <Why data={data} />
            <Children data={data} />
            {isOffline() ? undefined : <Earlier key={id} id={id} />}
          </aside>
        </div>
      )}
    </section>
  );
}

function Chain({ data: { chain, dossier } }: { readonly data: GenerationReport }): preact.JSX.Element | null {
  if (chain.length === 0) return null;
  return (
    <nav aria-label="Made from">
      <ol class="chain">
        {chain.map((each) => (
          <li key={each.genId} aria-current={each.genId === dossier.genId ? 'true' : undefined}>
            {each.genId === dossier.genId ? (
              <b>{each.genId}</b>
            ) : (
              <a href={addressOf('generation', { id: each.genId })}>{each.genId}</a>
            )}{' '}
            <span class="muted">
              {each.stage} · {each.template} · {each.model}
            </span>{' '}
            <State state={each.state} />
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Texts({ id }: { readonly id: string }): preact.JSX.Element {
  const given = route.value.words.get('file');
  const file = FILES.find(([name]) => name === given)?.[0] ?? 'parsed';
  const reading = useText(id, file);
  return (
    <>
      <div class="tabs" role="group" aria-label="Texts">
        {FILES.map(([name, title]) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === file}
            onClick={() => amend({ file: name === 'parsed' ? undefined : name })}
          >
            {title}
          </button>
        ))}
      </div>
      <TextView reading={reading} label={`${file} of ${id}`} as={file === 'parsed' ? 'prose' : 'code'} />
    </>
  );
}

function Facts({
  data: { dossier, score: own, scores, rationale, scoreError },
}: {
  readonly data: GenerationReport;
}): preact.JSX.Element {
  const { answer } = dossier;
  const lines: readonly (readonly [string, preact.ComponentChildren])[] = [
    ['state', <State state={dossier.state} />],
    ['score', own === null ? undefined : <b>{score(own)}</b>],
    ...Object.entries(scores).map(([name, value]) => [name, score(value)] as const),
    ['rationale', rationale],
    ['no score', scoreError ?? undefined],
    ['template', dossier.template],
    ['model', dossier.model],
    ['combo', dossier.combo],
    ['concepts', dossier.concepts.join(', ')],
    ['replicate', dossier.replicate],
    ['cohorts', dossier.cohorts.join(', ')],
    ['answered by', [answer.provider, answer.model, answer.answeredBy].filter(Boolean).join(' · ')],
    ['finished', answer.finishReason],
    [
      'tokens',
      answer.promptTokens === null ? undefined : `${answer.promptTokens} + ${answer.completionTokens ?? 0}`,
    ],
    ['cost', answer.cost === null ? undefined : usd(answer.cost)],
    ['time', answer.durationSeconds === null ? undefined : `${answer.durationSeconds} s`],
  ];
  return (
    <dl class="facts">
      {lines
        .filter(([, value]) => value !== undefined && value !== null && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Why({ data: { explanation } }: { readonly data: GenerationReport }): preact.JSX.Element | null {
  if (explanation === null) return null;
  const { verdict, cause, prompt, failure, steps } = explanation;
  const settled = verdict.state === 'current';
  return (
    <section>
      <h2>Why</h2>
      {settled ? <p>Nothing that it was made from has changed.</p> : undefined}
      <ul class="reasons">
        {verdict.reasons.map((reason, place) => (
          <li key={place}>{reasonText(reason)}</li>
        ))}
        {verdict.edited.length > 0 ? <li>edited by hand: {verdict.edited.join(', ')}</li> : undefined}
      </ul>
      {cause === undefined ? undefined : (
        <p>
          The root of it is <a href={addressOf('generation', { id: cause.genId })}>{cause.genId}</a> (
          {cause.stage}): {cause.reasons.map(reasonText).join('; ') || cause.state}
        </p>
      )}
      {failure === null ? undefined : (
        <p class="bad">
          It failed at {failure.step}: {failure.message}
        </p>
      )}
      {prompt === null ? undefined : prompt.now === null ? (
        <p class="bad">{prompt.problem}</p>
      ) : (
        <details open>
          <summary>The prompt, as recorded and as it would be now</summary>
          <DiffView before={prompt.recorded} after={prompt.now} label="prompt, recorded and now" />
        </details>
      )}
      <details>
        <summary>Every part, recorded and now</summary>
        <table class="plain small">
          <Head titles={['step', 'part', 'recorded', 'now']} />
          <tbody>
            {steps.flatMap(({ step, parts }) =>
              parts.map(({ part, recorded, now, differs }) => (
                <tr key={`${step} ${part}`} class={differs ? 'differs' : undefined}>
                  <td>{step}</td>
                  <th scope="row">{differs ? `${part} ≠` : part}</th>
                  <td>{recorded ?? '–'}</td>
                  <td>{now ?? '–'}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      </details>
    </section>
  );
}

/** Asked for when it is opened: every response has to be looked at for it. */
function Earlier({ id }: { readonly id: string }): preact.JSX.Element {
  const [open, toggle] = useState(false);
  return (
    <section>
      <h2>Answers</h2>
      <button type="button" aria-expanded={open} onClick={() => toggle(!open)}>
        every answer that was kept
      </button>
      {open ? <Answers id={id} /> : undefined}
    </section>
  );
}

function Answers({ id }: { readonly id: string }): preact.JSX.Element {
  const { data, problems } = useDocument<{ readonly answers: readonly PastResponse[] }>('answers', { id });
  const now = data?.answers.find(({ current }) => current);
  if (data !== undefined && data.answers.length === 0) return <p>None is kept in the response cache.</p>;
  return (
    <>
      <Problems problems={problems} />
      {(data?.answers ?? []).toReversed().map((each) => (
        <details key={each.name}>
          <summary>
            {each.at.slice(0, 19).replace('T', ' ')} · {each.current ? 'the one in use' : each.kind} ·{' '}
            {usd(each.answer.cost)}
          </summary>
          {each.current || now === undefined ? (
            <div class="text code" tabIndex={0} role="region" aria-label={`answer of ${each.at}`} dir="auto">
              {each.text}
            </div>
          ) : (
            <DiffView
              before={each.text}
              after={now.text}
              label={`answer of ${each.at}, and the one in use`}
            />
          )}
        </details>
      ))}
    </>
  );
}

function Children({
  data: { children, childCount },
}: {
  readonly data: GenerationReport;
}): preact.JSX.Element | null {
  if (childCount === 0) return null;
  return (
    <section>
      <h2>Made into {count(childCount, children[0]?.stage ?? 'generation')}</h2>
      <ul class="children">
        {children.map((each) => (
          <li key={each.genId}>
            <Child each={each} />
          </li>
        ))}
      </ul>
      {childCount > children.length ? (
        <p class="muted">and {childCount - children.length} more</p>
      ) : undefined}
    </section>
  );
}

function Child({ each }: { readonly each: Relative }): preact.JSX.Element {
  return (
    <>
      <a href={addressOf('generation', { id: each.genId })}>{each.genId}</a>{' '}
      <span class="muted">
        {each.template} · {each.model}
      </span>{' '}
      {each.score === null ? <State state={each.state} /> : <b>{score(each.score)}</b>}
    </>
  );
}
