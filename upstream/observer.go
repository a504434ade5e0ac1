package upstream

// Observer is told what calls to one subgraph do. Its funcs are called by many goroutines at once, on the way of calls.
type Observer struct {
	// MessageSigned and ExtensionSigned: a try was signed.
	MessageSigned, ExtensionSigned func()
	// Retried: a query is made again.
	Retried func()
	// Crowded: a call is not made, since too many requests wait for the subgraph.
	Crowded func()
	// Circuit: the circuit breaker is now "closed", "open", or "half-open" while one call is on its way to see.
	Circuit func(state string)
}

// withDefaults returns o with funcs that do nothing for those that are missing.
func (o Observer) withDefaults() Observer {
	nothing := func() {}
	for _, f := range []*func(){&o.MessageSigned, &o.ExtensionSigned, &o.Retried, &o.Crowded} {
		if *f == nil {
			*f = nothing
		}
	}
	if o.Circuit == nil {
		o.Circuit = func(string) {}
	}
	return o
}
