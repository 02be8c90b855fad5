@{
    Name        = 'policy'
    Unit        = 'TCP connections made and accepted / s'
    Contestants = [ordered]@{
        'with a policy' = { Measure-PowerShell policy policy }
        'without'       = { Measure-PowerShell policy none }
    }
    Bars        = @{ 'without' = 0.97 }
}
