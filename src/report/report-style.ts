/** The page's style: the live page's colours, light and dark, and for print. */
export const REPORT_STYLE = `
:root{--ground:#f4f5f7;--panel:#fff;--text:#1c2733;--quiet:#596673;--line:#dde2e8;--alarm:#c22f12;--shade:#f6c9bd;--accent:#1f5f99}
@media (prefers-color-scheme:dark){:root{--ground:#11161c;--panel:#1a222b;--text:#e6ebf0;--quiet:#9aa7b4;--line:#2b3642;--alarm:#ff8a6b;--shade:#5a2c22;--accent:#7db8ee}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:66rem;padding:2rem 1.25rem 4rem;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0}h2{font-size:1.05rem;margin:0 0 .8rem}
.command{margin:.3rem 0 1.2rem;color:var(--quiet);overflow-wrap:anywhere}
section{background:var(--panel);border:1px solid var(--line);border-radius:.6rem;padding:1.1rem 1.25rem;margin-top:1rem;break-inside:avoid}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:1rem}
.figures span{display:block;color:var(--quiet);font-size:.85rem}.figures strong{font-size:1.45rem;font-variant-numeric:tabular-nums}
figure{margin:0}figcaption{color:var(--quiet);font-size:.85rem;margin-top:.25rem}
.curves{display:flex;flex-wrap:wrap;gap:1rem 2.5rem}.curves h2{flex-basis:100%;margin:0}.curves figure{flex:1 1 16rem;max-width:22rem}
svg{display:block;width:100%;height:auto}svg text{font-size:11px;fill:var(--quiet)}
.grid{stroke:var(--line);fill:none}.chance{stroke:var(--quiet);stroke-dasharray:4 4;fill:none}.line{stroke:var(--accent);stroke-width:1.6;fill:none;vector-effect:non-scaling-stroke}
.traces figure{margin-top:.8rem}.traces svg{height:5.5rem;background:var(--ground);border-radius:.3rem}
rect.true{fill:var(--shade)}
.legend{margin:0;color:var(--quiet);font-size:.85rem}.legend span{display:inline-block;width:1.1rem;height:.7rem;margin:0 .4rem 0 1rem;border-radius:.15rem}
.legend span:first-child{margin-left:0}.legend .true{background:var(--shade)}.legend .score{background:var(--accent);height:.15rem;vertical-align:middle}
.examples{display:grid;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr));gap:1rem}.examples h2{grid-column:1/-1;margin:0}
.examples img{width:50%;display:inline-block;vertical-align:top}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.4rem 1.5rem;margin:0}dt{color:var(--quiet);font-size:.85rem}dd{margin:0;overflow-wrap:anywhere}
`;
