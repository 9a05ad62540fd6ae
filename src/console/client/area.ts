/**
 * Which part of the console this page belongs to: the operator's, or that of an organization's people. Each has a session of its own, so going from
 * one to the other loads the page anew.
 */
const OPERATOR = /^\/console\/operator(\/|$)/;

export const isOfOperator = (pathname: string): boolean => OPERATOR.test(pathname);

export const inOperatorArea = isOfOperator(location.pathname);

/** Where the part begins, and its first page. */
export const [ROOT, START] = inOperatorArea ? (["/operator", "/operator/organizations"] as const) : (["/", "/leads"] as const);
