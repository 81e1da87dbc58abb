package errortracking

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestAFunctionHasOneNameOverDeploys(t *testing.T) {
	for name, want := range map[string]string{
		"main.main":                          "main.main",
		"main.main.func1":                    "main.main.func",
		"main.main.func2":                    "main.main.func",
		"main.main.func1.2":                  "main.main.func",
		"main.main.func3.func1":              "main.main.func",
		"main.main.gowrap1":                  "main.main.gowrap",
		"main.(*Server).run.deferwrap2":      "main.(*Server).run.deferwrap",
		"main.each.main.f.func4-range1":      "main.each.main.f.func",
		"main.(*Server).Handle-fm":           "main.(*Server).Handle",
		"main.Map[...]":                      "main.Map[...]",
		"main.Map[go.shape.int,x.io/a.T]":    "main.Map[...]",
		"shop.io/orders/v2.(*Store).Find":    "shop.io/orders.(*Store).Find",
		"shop.io/orders/v3/db.Find":          "shop.io/orders/db.Find",
		"gopkg.in/yaml%2ev3.Decode":          "gopkg.in/yaml.Decode",
		"shop.io/v2ray.Do":                   "shop.io/v2ray.Do",
		"shop.io/a.Sha256":                   "shop.io/a.Sha256",
		"shop.io/a.(*T[go.shape.string]).Do": "shop.io/a.(*T[...]).Do",
		"":                                   "",
	} {
		assert.Equal(t, want, stableFunction(name), name)
	}
	assert.Equal(t, "*db.Err[...]", withoutArguments("*db.Err[shop.io/a.T]"))
	assert.Equal(t, "shop.Errors", withoutArguments("shop.Errors"))
}

func TestWhatVariesInATextIsLeftOut(t *testing.T) {
	for text, want := range map[string]string{
		"open /var/lib/app/releases/x/config: no such file": "open *: no such file",
		"ids 1, 2, 3 not found":                             "ids * not found",
		"ids 1 not found":                                   "ids * not found",
		"user=ada status=failed":                            "user=* status=*",
		"GET /orders/abc failed":                            "GET * failed",
		"read/write on closed pipe":                         "read/write on closed pipe",
		"token abcdefghijklmnopqrstuvwxyzabcdefghijklm bad": "token * bad",
		"dial tcp [::1]:5432: refused":                      "dial tcp [::*]:*: refused",
		"a/b and 50 % of c":                                 "a/b and * % of c",
	} {
		assert.Equal(t, want, normalize(text), text)
	}
}

func TestNormalizingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := normalize(rapid.StringMatching(`[a-z0-9 "'=/:,.@*-]{0,80}`).Draw(t, "text"))
		assert.LessOrEqual(t, len(normalize(once)), len(once)+1)
	})
}
