/** What a plan knows about its records that is not written, and that a rule of the policy may ask about. */
export const FACTS = ['prequalified', 'authorizedBidder', 'codeGiven', 'corrected'] as const;
export type Fact = (typeof FACTS)[number];

/** Facts by name; what is not known is absent. */
export type Facts = Readonly<Partial<Record<Fact, boolean>>>;
