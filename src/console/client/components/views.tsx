import { hrefOf, query } from "../router";

export type View = { show: string; title: string };

/** The view of a page that its address names by `?show=`; the first one where it names none. */
export function shownView<const Views extends readonly [View, ...View[]]>(views: Views): Views[number] {
  const wanted = query.value.get("show");
  return views.find(({ show }) => show === wanted) ?? views[0];
}

/** Links to the views of a page; `to` is its path. */
export const ViewLinks = ({ label, to, views }: { label: string; to: string; views: readonly [View, ...View[]] }) => (
  <nav class="views" aria-label={label}>
    {views.map(({ show, title }, at) => (
      <a key={show} href={hrefOf(at === 0 ? to : `${to}?show=${show}`)} aria-current={show === shownView(views).show ? "page" : undefined}>
        {title}
      </a>
    ))}
  </nav>
);
