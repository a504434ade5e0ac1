package supergraph

import "strings"

// rule collects what @authenticated, @requiresScopes and @policy on an element demand, nil without them. Where
// allowed is false the directives stay untaken, so that checkRules reports them.
func (l *loader) rule(ds directives, coor Coordinate, allowed bool) *Rule {
	if len(ds.refs) == 0 || !allowed {
		return nil
	}
	rule := &Rule{}
	for _, name := range []string{"authenticated", "requiresScopes", "policy"} {
		found := l.take(ds, element{name, name})
		if len(found) == 0 {
			continue
		}
		if len(found) > 1 {
			l.problems.add(found[1].at(), coor, "@%s is given twice", found[1].name())
		}
		switch name {
		case "authenticated":
			rule.Authenticated = true
		case "requiresScopes":
			rule.Scopes = l.alternatives(found[0], coor, "scopes")
		case "policy":
			rule.Policies = l.alternatives(found[0], coor, "policies")
		}
	}
	if !rule.Authenticated && rule.Scopes == nil && rule.Policies == nil {
		return nil
	}
	return rule
}

// alternatives reads a list of lists of names; never nil. What is not a name is a problem, never left out: an
// alternative with one name less would be easier to satisfy.
func (l *loader) alternatives(d directive, coor Coordinate, arg string) [][]string {
	v, ok := d.arg(arg)
	if !ok {
		l.problems.add(d.at(), coor, "@%s has no argument %s", d.name(), arg)
		return [][]string{}
	}
	outer := l.doc.list(v)
	names := make([][]string, 0, len(outer))
	for _, inner := range outer {
		all := l.doc.list(inner)
		group := make([]string, 0, len(all))
		for _, one := range all {
			name, ok := l.doc.stringValue(one)
			if !ok {
				l.problems.add(d.at(), coor, "@%s: %s is not a string", d.name(), l.doc.appendValue(nil, one))
			}
			group = append(group, name)
		}
		names = append(names, group)
	}
	return names
}

// checkRules reports directives about security where they have no effect: nobody may believe that they protect.
func (l *loader) checkRules() {
	for ref, d := range l.doc.Directives {
		e := l.links.names[l.doc.str(d.Name)]
		at := directive{d, l.doc}
		if security[e.feature] && !l.protected[ref] {
			l.problems.add(d.Name.Start, "", "@%s has no effect here", at.name())
		}
		if (security[e.feature] || e.feature == "join") && at.hasTwice() {
			l.problems.add(d.Name.Start, "", "@%s has an argument twice", at.name())
		}
		if e == (element{"join", "directive"}) {
			l.checkCarried(at)
		}
	}
}

// checkCarried reports a directive of a subgraph that @join__directive carries and that cannot be ignored.
func (l *loader) checkCarried(d directive) {
	name, _ := d.text("name")
	args, _ := d.arg("args")
	url := l.doc.memberString(args, "url")
	switch {
	case name == "federation__cacheTag": // composition writes it so, without a link to federation; it protects nothing
	case name == "link" && strings.HasPrefix(url, connectors):
		l.problems.add(d.at(), "", "%s: connectors are not supported", url)
	case l.links.refuse(name, element{}, false) != "" || security[name]:
		l.problems.add(d.at(), "", "@%s carries @%s, which is not enforced this way", d.name(), name)
	}
}
