using System;
using System.Collections;
using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Refuses an empty list for a filter: a search that found nothing must not become one for everything. Null
/// passes, as a row that is piped in has it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RequireItemAttribute : ValidateArgumentsAttribute
{
    // A validation, unlike a transformation, has the array in hand that any enumerable was turned into.
    /// <inheritdoc/>
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        if (arguments is ICollection { Count: 0 })
        {
            throw new ValidationMetadataException("The list is empty. Leave the parameter out to list all.");
        }
    }
}
