using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>
/// The values of <c>$using:name</c> in a script block, taken where the server is started. PowerShell hands them to a script
/// in another runspace by a parameter named <c>--%</c>, under keys of its own making.
/// </summary>
internal static class UsingValues
{
    internal const string Parameter = "--%";

    /// <summary>Reads the values; a variable that is not there is an error as it is for Start-Job.</summary>
    /// <exception cref="ArgumentException">There is no such variable.</exception>
    internal static Hashtable Read(ScriptBlock script, SessionState session)
    {
        Hashtable values = [];
        foreach (UsingExpressionAst use in script.Ast.FindAll(static it => it is UsingExpressionAst, searchNestedScriptBlocks: true)
            .Cast<UsingExpressionAst>())
        {
            values[Key(use)] = Value(use.SubExpression, session);
        }

        return values;
    }

    private static object? Value(ExpressionAst expression, SessionState session)
    {
        switch (expression)
        {
            case VariableExpressionAst variable:
                string name = variable.VariablePath.UserPath;
                PSVariable found = session.PSVariable.Get(name)
                    ?? throw new ArgumentException($"There is no variable ${name} for $using:{name}.");
                return found.Value;

            case MemberExpressionAst { Static: false } member and not InvokeMemberExpressionAst:
                object? holder = Value(member.Expression, session);
                string property = member.Member.SafeGetValue().ToString()!;
                return holder is null ? null : PSObject.AsPSObject(holder).Properties[property]?.Value;

            default:
                throw new ArgumentException(
                    $"'$using:{expression.Extent.Text.TrimStart('$')}' is not supported here: name a variable or a property of one.");
        }
    }

    // The key that the engine looks for: System.Management.Automation.PsUtils.GetUsingExpressionKey.
    private static string Key(UsingExpressionAst use)
    {
        string text = use.ToString();
        if (use.SubExpression is VariableExpressionAst)
        {
            text = text.ToLowerInvariant();
        }

        return Convert.ToBase64String(Encoding.Unicode.GetBytes(text));
    }
}
