import sections from '../../kit/sections.module.css';
import { valueText } from '../../kit/value';
import { texts } from '../../texts/en';
import type { Page } from './types';
import styles from './request.module.css';

/** Records of the ERP that may be the same, beside what would be written. */
export function Twins({ twins }: { readonly twins: Page['twins'] }) {
  if (twins.length === 0) return null;
  return (
    <section className={styles['side-by-side']} aria-label={texts.request.twins}>
      <h2>{texts.request.twins}</h2>
      {twins.map(({ erpKey, name, state, because, fields }) => (
        <div key={erpKey} className={sections['wide']} tabIndex={0} role="region" aria-label={name}>
          <h3>{name}</h3>
          <p className="muted">{`${texts.request.twinKey(erpKey, state)}: ${because.join(', ')}`}</p>
          <table>
            <thead>
              <tr>
                <th scope="col">{texts.request.field}</th>
                <th scope="col">{texts.request.here}</th>
                <th scope="col">{texts.request.there}</th>
              </tr>
            </thead>
            <tbody>
              {fields.map(({ label, type, here, there }) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  <td>{valueText(here, type)}</td>
                  <td className={here === there ? '' : styles['now']}>{valueText(there, type)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ))}
    </section>
  );
}
