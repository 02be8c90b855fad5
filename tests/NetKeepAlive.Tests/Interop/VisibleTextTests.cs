using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Interop;

/// <summary>Text that others chose, before a terminal gets it.</summary>
public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("nginx: worker", "nginx: worker")]
    [InlineData("\u00fcml\u00e4ut \u4e2d", "\u00fcml\u00e4ut \u4e2d")]
    [InlineData("a\nb\rc\td", "a\\nb\\rc\\td")]
    [InlineData("\u001b[31mred", "\\x1b[31mred")]
    [InlineData("x\0y", "x\\x00y")]
    [InlineData("\u007f\u009b2J", "\\x7f\\x9b2J")]
    [InlineData("right\u202eleft", "right\\u202eleft")]
    [InlineData("zero\u200bwidth", "zero\\u200bwidth")]
    [InlineData("line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029")]
    [InlineData("soft\u00adhyphen", "soft\\xadhyphen")]
    [InlineData("\n", "\\n")]
    public void What_would_steer_the_terminal_is_escaped(string text, string shown) =>
        Assert.Equal(shown, VisibleText.Escape(text));

    [Fact]
    public void What_needs_nothing_is_the_same_text()
    {
        string plain = new('x', 40);
        Assert.Same(plain, VisibleText.Escape(plain));
        Assert.Same(plain, VisibleText.Brief(plain));
    }

    [Fact]
    public void What_a_message_repeats_is_cut()
    {
        string longest = new('x', 200);
        Assert.Same(longest, VisibleText.Brief(longest));
        Assert.Equal(longest + "\u2026", VisibleText.Brief(longest + new string('y', 1_000_000)));
        Assert.Equal("\\x07" + longest[1..] + "\u2026", VisibleText.Brief("\u0007" + longest));
    }
}
