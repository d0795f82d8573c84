/** What follows the stories: words, tables, settings. */
import type { PageSection } from '../page-data.ts'

export const Sections = ({ sections }: { readonly sections: readonly PageSection[] }) => (
  <>
    {sections.map(({ title, paragraphs, tables, code }) => (
      <section class="block" key={title} aria-label={title}>
        <h2>{title}</h2>
        {paragraphs.map((text) => (
          <p key={text}>{text}</p>
        ))}
        {tables.length === 0 ? null : (
          <div class="card columns">
            {tables.map((table) => (
              <div key={table.title}>
                <h3>{table.title}</h3>
                <table class="others counts">
                  <thead>
                    <tr>
                      {table.heads.map((head) => (
                        <th scope="col" key={head}>
                          {head}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {table.rows.map(([name, ...cells]) => (
                      <tr key={name}>
                        <th scope="row">{name}</th>
                        {cells.map((text, index) => (
                          <td key={`${index} ${text}`}>{text}</td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            ))}
          </div>
        )}
        {code.map((text) => (
          <pre class="yaml" tabIndex={0} key={text}>
            {text}
          </pre>
        ))}
      </section>
    ))}
  </>
)
