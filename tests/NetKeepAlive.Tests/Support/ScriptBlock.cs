namespace System.Management.Automation;

/// <summary>Stands for PowerShell's script block, which the core knows by its name only.</summary>
internal sealed class ScriptBlock;
