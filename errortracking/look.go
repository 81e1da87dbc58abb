package errortracking

import (
	"hash/maphash"
	"reflect"
	"unsafe"
)

// typeInfo is what the concrete type of an error says.
type typeInfo struct {
	id       uint64
	name     string // without the arguments of a generic type
	stack    stackAccess
	origin   func(reflect.Value) uintptr // its first counter, without an allocation
	grpc     func(error) uint64          // its gRPC status code
	volatile bool                        // values that look alike may be of different classes
}

var errorTypes cache[typeInfo]

// kindOf looks the type of err up by the first word of the interface value,
// which is the same for all errors of one type.
func typeOf(err error) *typeInfo {
	key := mix(uint64(*(*uintptr)(unsafe.Pointer(&err))), 0)
	if k := errorTypes.get(key); k != nil {
		return k
	}
	t := reflect.TypeOf(err)
	k := typeInfo{id: key, name: withoutArguments(t.String()), stack: accessOf(t), grpc: grpcCodeOf(t), volatile: volatile(err)}
	k.volatile = k.volatile || k.grpc != nil
	if k.stack != nil {
		k.origin = originOf(t)
	}
	return errorTypes.put(key, k)
}

// volatile reports whether the class of err depends on more than type and text.
func volatile(err error) bool {
	switch err.(type) { //nolint:errorlint // err alone
	case interface{ SQLState() string },
		interface{ HTTPStatus() int }, interface{ StatusCode() int }, interface{ HTTPStatusCode() int },
		interface{ Is(error) bool }, interface{ Timeout() bool }, interface{ Unwrap() []error }:
		return true
	}
	return false
}

// look is what can be seen of an occurrence at a glance: if two have the same
// key they have the same fingerprint.
type look struct {
	key      uint64
	volatile bool // the class has to be found out anew
	unsure   bool // part of the fingerprint cannot be seen so fast
}

const (
	maxGlance = 16      // errors of a tree
	maxSeen   = 1 << 10 // bytes of a text; its fingerprint is made of less
)

// glance costs about a tenth of a microsecond and allocates nothing, but for
// what the error's own methods do.
func glance(o *occurrence) (l look) {
	defer func() {
		if recover() != nil { // in a method of the error
			l.unsure = true
		}
	}()
	l.key = mix(uint64(o.pc), 0)
	if o.err == nil {
		l.text(o.msg)
		return l
	}
	inner := l.chain(o.err, maxGlance)
	l.text(shortText(inner))
	return l
}

var textSeed = maphash.MakeSeed()

func (l *look) text(s string) {
	l.key = mix(l.key, maphash.String(textSeed, s[:min(len(s), maxSeen)]))
}

// chain mixes the types of err's tree into the key, and where they were made,
// and gives the end of the first branch.
func (l *look) chain(err error, n int) (inner error) {
	for inner = err; n > 0; n-- {
		k := typeOf(inner)
		l.key = mix(l.key, k.id)
		l.volatile = l.volatile || k.volatile
		if k.stack != nil {
			l.origin(k, inner)
		}
		all, one := unwrap(inner)
		if all != nil {
			l.volatile = true
			for _, e := range all {
				if e != nil {
					return l.chain(e, n-1)
				}
			}
		}
		if one == nil {
			return inner
		}
		inner = one
	}
	l.unsure = true // too deep
	return inner
}

func (l *look) origin(k *typeInfo, err error) {
	if k.origin == nil {
		l.unsure = true
		return
	}
	l.key = mix(l.key, uint64(k.origin(reflect.ValueOf(err))))
}

// shortText is errorText, which of a joined error takes the first member only:
// the innermost one is none, unless it is empty.
func shortText(err error) string {
	if reflect.TypeOf(err) == joinedType {
		return ""
	}
	return err.Error()
}

// grpcCodeOf finds the code in errors of google.golang.org/grpc/status by the
// shape of the method GRPCStatus() *status.Status; nil: there is none.
func grpcCodeOf(t reflect.Type) func(error) uint64 {
	m, ok := t.MethodByName("GRPCStatus")
	if !ok || m.Type.NumIn() != 1 || m.Type.NumOut() != 1 {
		return nil
	}
	code, ok := m.Type.Out(0).MethodByName("Code")
	if !ok || code.Type.NumOut() != 1 || code.Type.Out(0).Kind() != reflect.Uint32 {
		return nil
	}
	return func(err error) uint64 {
		return reflect.ValueOf(err).Method(m.Index).Call(nil)[0].MethodByName("Code").Call(nil)[0].Uint()
	}
}
