@{
    IncludeDefaultRules = $true
    ExcludeRules        = @(
        # Examples and tests talk to the person who runs them.
        'PSAvoidUsingWriteHost'
    )
    Rules               = @{
        PSUseConsistentIndentation = @{ Enable = $true; IndentationSize = 4; PipelineIndentation = 'IncreaseIndentationForFirstPipeline' }
        PSUseConsistentWhitespace  = @{ Enable = $true }
        PSPlaceOpenBrace           = @{ Enable = $true; OnSameLine = $true }
        PSPlaceCloseBrace          = @{ Enable = $true; NewLineAfter = $false }
    }
}
