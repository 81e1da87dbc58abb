package redact

// PlainName reports whether the name settles nothing about the values under
// it: none is masked or let through for it, and what is masked is masked by
// pattern and type. The answer does not change, so it may be remembered.
func (r *Redactor) PlainName(name string) bool {
	return !r.Allowed(name) && r.rules().kindOf(name) == plainKey
}
