@{
    IncludeDefaultRules = $true
    ExcludeRules        = @(
        # Examples, tests and the build talk to the person who runs them.
        'PSAvoidUsingWriteHost'
        # Pester's blocks share variables in a way that the rule does not see.
        'PSUseDeclaredVarsMoreThanAssignments'
        # Helpers of the tests and the build are no cmdlets.
        'PSUseShouldProcessForStateChangingFunctions'
        'PSAvoidUsingPositionalParameters'
    )
    Rules               = @{
        PSUseConsistentIndentation = @{ Enable = $true; IndentationSize = 4; PipelineIndentation = 'IncreaseIndentationForFirstPipeline' }
        PSUseConsistentWhitespace  = @{ Enable = $true; IgnoreAssignmentOperatorInsideHashTable = $true }
        PSPlaceOpenBrace           = @{ Enable = $true; OnSameLine = $true }
        PSPlaceCloseBrace          = @{ Enable = $true; NewLineAfter = $false }
    }
}
